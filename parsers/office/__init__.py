"""Files that office programs write: Word of any age, rich text, OpenDocument, spreadsheets."""
