"""What somebody may type of a purchase, case by case: the facts of `law.entitlement_facts` as fields of a form."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hejie.edge.words import mark

Choices = tuple[tuple[str, str], ...]


class Kind(StrEnum):
    """What is typed into a field."""

    day = "day"
    money = "money"
    number = "number"
    rate = "rate"
    """Percent a year."""
    yes_no = "yes_no"
    choice = "choice"
    words = "words"
    moneys = "moneys"
    places = "places"


class Field(Struct, frozen=True):
    """One field; its path is that of the facts, and with `-` for each dot its name in the form."""

    path: str
    kind: Kind
    label: str
    hint: str = ""
    choices: Choices = ()
    needed: bool = False

    @property
    def name(self) -> str:
        """In the form and in the address."""
        return self.path.replace(".", "-")


class Case(Struct, frozen=True, kw_only=True):
    """One thing to be asked, with the part of the facts that it is about."""

    name: str
    title: str
    about: str
    part: str = ""
    fields: tuple[Field, ...]


_BOUGHT = Field("event_on", Kind.day, mark("Day of the purchase"), mark("The rules of that day decide."), needed=True)
_PRICE = (
    Field("price_fen", Kind.money, mark("Price on the receipt"), needed=True),
    Field("proven_paid_fen", Kind.money, mark("What the merchant can prove was really paid")),
    Field("refunded_fen", Kind.money, mark("Given back already")),
)
_RECEIVED = Field("received_on", Kind.day, mark("Day on which it was received"))
_ASKED = Field("asked_on", Kind.day, mark("Day on which the merchant was asked"))
_FREIGHT = Field("freight_fen", Kind.money, mark("Cost of sending it back"))
_EXCEPTIONS = (
    ("none", mark("None of these")),
    ("custom_made", mark("Made to order")),
    ("fresh", mark("Fresh or perishable")),
    ("digital", mark("Digital goods, downloaded or unsealed")),
    ("press", mark("Newspapers or magazines delivered")),
    ("other_confirmed", mark("Unfit by its nature, and confirmed for this very purchase")),
    ("other_unconfirmed", mark("Unfit by its nature, but not confirmed for this purchase")),
)
_GOODS = (
    ("general", mark("Other goods")),
    ("sealed", mark("Food, cosmetics, medical articles, contraceptives")),
    ("electronics", mark("Electronics")),
    ("textiles", mark("Clothes, shoes, bags, textiles")),
)
_CAUSES = (
    ("", mark("Not known")),
    ("merchant", mark("On the merchant's side")),
    ("neutral", mark("On nobody's side")),
    ("consumer", mark("On the consumer's side")),
)
_GROUNDS = (
    ("fraud", mark("Fraud")),
    ("harm", mark("A known defect that did grave harm")),
    ("food", mark("Food below the safety standard")),
    ("drug", mark("Counterfeit or substandard drugs")),
)
_PREPAID = (
    Field("prepaid.paid_fen", Kind.money, mark("Paid in advance"), needed=True),
    Field("prepaid.paid_on", Kind.day, mark("Day of the payment")),
    Field(
        "prepaid.units",
        Kind.number,
        mark("For how many goods or services"),
        mark("Leave it empty for a balance in money."),
    ),
    Field("prepaid.used", Kind.number, mark("How many of them were used")),
    Field("prepaid.list_unit_fen", Kind.money, mark("Price of one without the reduction")),
    Field("prepaid.spent_fen", Kind.money, mark("Of a balance in money: spent")),
    Field("prepaid.cause", Kind.choice, mark("Where the reason lies for which it ends"), choices=_CAUSES),
    Field("prepaid.experienced_before", Kind.yes_no, mark("The same was had before at this merchant")),
    Field("prepaid.asked_on", Kind.day, mark("Day on which the money was asked back")),
    Field("prepaid.closing_on", Kind.day, mark("Day on which the merchant closes or moves")),
    Field("prepaid.lpr_one_year", Kind.rate, mark("One-year loan prime rate on the day of the contract, %")),
    Field("prepaid.deposit_one_year", Kind.rate, mark("One-year deposit rate on the day of the contract, %")),
    Field("prepaid.interest_from", Kind.day, mark("Interest from")),
    Field("prepaid.interest_to", Kind.day, mark("Interest until")),
)
_RETURN = (
    Field("returns.remote", Kind.yes_no, mark("Sold over the internet, television, telephone or by post")),
    Field("returns.exception", Kind.choice, mark("Kinds of goods that may be excepted"), choices=_EXCEPTIONS),
    Field("returns.goods", Kind.choice, mark("Kind of goods"), choices=_GOODS),
    Field("returns.intact", Kind.yes_no, mark("Still intact")),
    Field("returns.returned_on", Kind.day, mark("Day on which the merchant had it back")),
)
_DEFECT = (
    Field("defect.found_on", Kind.day, mark("Day on which the defect showed")),
    Field("defect.durable", Kind.yes_no, mark("A durable (car, computer, household machine) or decoration work")),
    Field("defect.rescission", Kind.yes_no, mark("The contract may lawfully be ended later than in the first days")),
    Field("defect.gift_fen", Kind.money, mark("Worth of what was given with it")),
    Field("defect.guaranteed", Kind.yes_no, mark("In the list of the three guarantees (三包)")),
    Field("defect.repaired", Kind.number, mark("Repairs that failed")),
    Field("defect.repair_days", Kind.number, mark("Days under repair, together")),
)
_BUNDLE = (
    Field(
        "promotion.prices_fen",
        Kind.moneys,
        mark("Price of each thing"),
        mark("One after the other, such as 300, 200."),
        needed=True,
    ),
    Field("promotion.less_fen", Kind.money, mark("Reduction for all together"), needed=True),
    Field(
        "promotion.returned",
        Kind.places,
        mark("Which of them go back"),
        mark("By their place in the list: 2 is the second."),
        needed=True,
    ),
    Field("promotion.from_fen", Kind.money, mark("The sum from which the reduction is given")),
)
_MORE = (
    Field("more.ground", Kind.choice, mark("What is it about?"), choices=_GROUNDS),
    Field("more.loss_fen", Kind.money, mark("Loss")),
    Field("more.label_flaw_only", Kind.yes_no, mark("Nothing but a harmless flaw of the label")),
    Field("more.knowing_buyer", Kind.yes_no, mark("The buyer knew when buying")),
    Field("more.bought", Kind.number, mark("How many pieces the price is for")),
    Field("more.household", Kind.number, mark("How many of them a household would reasonably buy")),
)
CASES = (
    Case(
        name="refund", title=mark("The price back"), about=mark("Which price counts, and what of it is left."),
        fields=(_BOUGHT, *_PRICE, _ASKED),
    ),
    Case(
        name="return", title=mark("A return without a reason"), part="returns",
        about=mark("Bought at a distance: until when it may go back, what comes back, and who pays the freight."),
        fields=(_BOUGHT, _RECEIVED, _ASKED, *_PRICE, _FREIGHT, *_RETURN),
    ),
    Case(
        name="repair", title=mark("Something is wrong with it"), part="defect",
        about=mark("Return, exchange or repair, the freight, and who must prove the defect."),
        fields=(_BOUGHT, _RECEIVED, _ASKED, *_PRICE, _FREIGHT, *_DEFECT),
    ),
    Case(
        name="prepaid", title=mark("A prepaid card or balance"), part="prepaid",
        about=mark("What comes back of it, and with which interest."), fields=(_BOUGHT, *_PREPAID),
    ),
    Case(
        name="bundle", title=mark("Bought together for less"), part="promotion",
        about=mark("One of several things goes back."), fields=(_BOUGHT, *_BUNDLE),
    ),
    Case(
        name="promise", title=mark("A promise of the shop"), part="promise",
        about=mark("What was promised is owed, in its own words."),
        fields=(
            _BOUGHT, _RECEIVED,
            Field("promise.words", Kind.words, mark("What the shop promised, in its words"), needed=True),
            Field("promise.days", Kind.number, mark("Days that it promised, if any")),
        ),
    ),
    Case(
        name="parcel", title=mark("A parcel was lost or damaged"), part="courier",
        about=mark("What the courier owes where the province says so."),
        fields=(
            _BOUGHT,
            Field("courier.fee_fen", Kind.money, mark("Fee paid to the courier"), needed=True),
            Field("courier.declared", Kind.yes_no, mark("Its value was declared, or is known")),
        ),
    ),
    Case(
        name="platform", title=mark("Bought on a platform"), part="platform",
        about=mark("When the platform answers beside the seller."),
        fields=(
            _BOUGHT,
            Field("platform.names_seller", Kind.yes_no, mark("It names the seller, its address and means of contact")),
            Field("platform.knew", Kind.yes_no, mark("It knew, or should have known, and did nothing")),
        ),
    ),
)  # fmt: skip
"""What anybody may ask."""
MORE = Case(
    name="more",
    title=mark("More than the price"),
    about=mark("Multiples and least amounts, for reference, once an officer has opened the question."),
    part="more",
    fields=(_BOUGHT, *_PRICE, *_MORE),
)
"""What an officer alone may open."""
