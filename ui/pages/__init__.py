"""The pages, in the order of the navigation."""

from ui.page import AnyPage, Page, ViewPage
from ui.pages.data import DATA
from ui.pages.dora import DORA
from ui.pages.flow import FLOW
from ui.pages.forecast import FORECAST
from ui.pages.incidents import INCIDENTS
from ui.pages.overview import OVERVIEW
from ui.pages.performance import PERFORMANCE
from ui.pages.quality import QUALITY
from ui.pages.what_if import WHAT_IF
from ui.pages.work import WORK

METRIC_PAGES: tuple[Page, ...] = (OVERVIEW, DORA, FLOW)
DRAWN_PAGES: tuple[Page | ViewPage, ...] = (*METRIC_PAGES, WORK, FORECAST, QUALITY)
PAGES: tuple[AnyPage, ...] = (*DRAWN_PAGES, INCIDENTS, WHAT_IF, DATA, PERFORMANCE)
