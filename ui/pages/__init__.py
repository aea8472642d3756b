"""The pages, in the order of the navigation."""

from ui.page import Page
from ui.pages.dora import DORA
from ui.pages.flow import FLOW
from ui.pages.overview import OVERVIEW

PAGES: tuple[Page, ...] = (OVERVIEW, DORA, FLOW)
