"""An agreement to put on paper, and PDF files as strangers make them."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

from hejie.papers.agreement import Agreement, Kind, Party, Side, Term

AT = datetime(2026, 11, 30, 4, 5, tzinfo=UTC)
AGREEMENT = Agreement(
    kind=Kind.settlement,
    city="330100",
    noun="dispute",
    subject="330100-D",
    edition=4,
    language="zh",
    parties=(
        Party(side=Side.consumer, name="陈先生", phone="138****0000"),
        Party(side=Side.merchant, name="杭州奎元馆餐饮有限公司", number="91330102MA27XXXX0P"),
    ),
    facts=("2026年11月1日付款 ¥50.00：片儿川", "面是凉的。"),
    terms=(Term(who=Side.merchant, what="部分退款\n退回原支付账户", by=AT, amount_fen=1200),),
    agreed_at=AT,
    number="HJ-330100-2026-7K3FM-92QDA",
    made_at=AT,
    salt="00" * 16,
)


def pdf_with(*held: bytes, packed: bool = False, head: bytes = b"%PDF-1.7\n", more: bytes = b"") -> bytes:
    """As much of a PDF as a reader of attachments looks at."""
    objects = []
    for number, each in enumerate(held, 1):
        raw = zlib.compress(each) if packed else each
        how = b"/Filter /FlateDecode" if packed else b""
        told = b"<</Type /EmbeddedFile /Length %d %s %s>>" % (len(raw), how, more)
        objects.append(b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, told, raw))
    return head + b"".join(objects) + b"%%EOF\n"
