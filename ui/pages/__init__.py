"""The pages, in the order of the navigation."""

from ui.page import InfoPage, Page
from ui.pages.data import DATA
from ui.pages.dora import DORA
from ui.pages.flow import FLOW
from ui.pages.overview import OVERVIEW

METRIC_PAGES: tuple[Page, ...] = (OVERVIEW, DORA, FLOW)
PAGES: tuple[Page | InfoPage, ...] = (*METRIC_PAGES, DATA)
