"""From a file's bytes to title, text and headings."""
