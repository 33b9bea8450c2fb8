"""Cloud attachments (超大附件, 云附件): links that stand in a mail in place of a file."""

import re

LINK = re.compile(
    r"(?i)(?:href\s*=\s*[\"']?)?(https?://[^\s\"'<>]*(?:ftnExs_download|ftn_download|large-attachment-download"
    r"|mail\.189\.cn/[^\s\"'<>]*(?:download|attach)|wx\.mail\.qq\.com/ftn|mail\.sina\.com\.cn/[^\s\"'<>]*(?:netdisk|down)"
    r"|cloudattach|bigattach)[^\s\"'<>]*)"
)
BLOCK = re.compile(r"(?i)QQMailBigAttach|qqmailbgattach|divNeteaseBigAttach|超大附件|云附件")
NAMED = re.compile(
    r"([^\s<>\"'|/\\:：]+\.(?:docx?|wps|pdf|xlsx?|pptx?|zip|rar|7z|mp4|mov|avi|wmv|flv|mkv|mpg|jpe?g|png|tiff?|ofd|txt))\b",
    re.IGNORECASE,
)


def links(html: str, text: str) -> tuple[str, ...]:
    """Return what each cloud link of a mail is called: its file's name, or the link where none stands.

    `text` are the visible words of `html`, or those of a mail without HTML.
    """
    found = list(dict.fromkeys(LINK.findall(html or text)))
    if not found and not re.search(r"(?i)QQMailBigAttach|qqmailbgattach|divNeteaseBigAttach", html):
        return ()
    announced = BLOCK.search(text)
    names = list(dict.fromkeys(NAMED.findall(text[announced.start() :] if announced else text)))
    return tuple(names or found)
