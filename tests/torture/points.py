"""Where the service is killed: each step of a mail's way by its name, and the function that ends it.

A place is `file:function:call|return[:caller]`, as `hook/sitecustomize.py` reads it. `return` of a function
that runs inside a transaction is before its commit. A place that no longer exists is never reached, and
the tests say so.
"""

POINTS = {
    "mail written": "storage/blobs.py:Incoming.sync:return",
    "mail renamed": "pathlib.py:Path.replace:return:_land",
    "folders synced": "storage/blobs.py:Blobs.settle:return",
    "mail in the transaction": "storage/messages.py:keep:return",
    "position in the transaction": "storage/messages.py:_place:return",
    "mails kept": "intake/doors/keeping.py:keep_all:return",
    "attachment written": "storage/blobs.py:_flush:return:_write",
    "attachment kept": "storage/blobs.py:Blobs._put:return",
    "files stored": "intake/reading.py:begin:return",
    "files read": "intake/reading.py:remember:return",
    "letter in the transaction": "storage/outbox.py:queue:return",
    "outcome in the transaction": "storage/messages.py:finish:return",
    "judged": "intake/pipeline.py:_together:return",
    "look noted": "shenbao/condition.py:looked:return",
    "letter taken, in the transaction": "storage/outbox.py:sending:return",
    "letter taken": "intake/letters/smtp.py:hand_over:call",
    "letter's bytes sent": "smtplib.py:SMTP.getreply:call:_given",
    "letter delivered": "intake/letters/smtp.py:hand_over:return",
    "delivery in the transaction": "storage/outbox.py:sent:return",
    "delivery noted": "intake/letters/sender.py:_settle:return",
}
