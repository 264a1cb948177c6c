"""A night's report: text, figures, plot."""

from retrain.report.files import keep_report, latest_with_report, report_path, rewrite_outdated_report, write_report

__all__ = [
    "keep_report",
    "latest_with_report",
    "report_path",
    "rewrite_outdated_report",
    "write_report",
]
