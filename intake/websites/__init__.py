"""Websites as sources: what a sitemap lists, else what links lead to, never beyond the hosts that were named."""

from intake.websites.told import WebsiteSettings
from intake.websites.website import Website

__all__ = [
    "Website",
    "WebsiteSettings",
]
