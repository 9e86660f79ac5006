"""What each workbook looks like, as data: one module per sheet, no file format in sight."""
