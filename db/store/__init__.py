"""The database: opened, brought up to date, watched; its errors become ours here."""
