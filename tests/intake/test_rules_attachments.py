"""What an applicant is told of a file that nobody here reads: the way to mend it that fits the file."""

import pytest

from parsers.containers import rar, sevencoders
from parsers.documents import Unreadable, Why
from parsers.office import legacy, opendocument
from storage.model import Code
from tests.intake.made import case, examined, material


def told(part: Unreadable) -> str:
    return examined(case(None, material("材料.bin", part)))[Code.ATTACHMENT_UNSUPPORTED].message


@pytest.mark.parametrize(
    ("note", "advice"),
    [
        pytest.param(sevencoders.RARE, "请改用 zip 格式压缩，或直接报送其中的文件", id="rarely packed"),
        pytest.param(rar.NO_PROGRAM, "请改用 zip 格式压缩", id="no reader of rar"),
        pytest.param(legacy.NO_PROGRAM.note, "请另存为 docx 或 PDF 后重新报送", id="no reader of old Word"),
        pytest.param(opendocument.AS_PDF.note, "请另存为 docx 或 PDF 后重新报送", id="another document"),
        pytest.param("", "请转换为Word文档（docx）、PDF或JPG图片", id="nothing known"),
    ],
)
def test_the_advice_fits_the_file(note: str, advice: str) -> None:
    assert advice in told(Unreadable(why=Why.UNSUPPORTED, note=note))
