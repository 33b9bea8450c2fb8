"""The doors a mail comes in by: the mailbox, the SMTP listener, files."""
