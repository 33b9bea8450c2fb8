"""Stories of the campaign that staff can read and write: the mails that come in, and what becomes of them."""
