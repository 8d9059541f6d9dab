"""What waits for an item: in order, once, and held while we are shut out."""

from workflows.model import Actor, CommentRef, Item, Work, WorkOrder
from workflows.orders import Orders

ITEM = Item(7, 42, 1)
ADA = Actor(1, "ada")
PLAN, BUILD = (WorkOrder(ITEM, kind, ADA, label=f"aidp-{kind}") for kind in (Work.PLAN, Work.BUILD))


def test_what_begins_again_comes_first_and_once() -> None:
    """However often it is told, and instead of what asks for the same."""
    orders = Orders((PLAN, BUILD), held=False)
    again = WorkOrder(ITEM, Work.BUILD, ADA)
    orders.put_first(again)
    orders.put_first(again)
    assert orders.waiting == (again, PLAN)


def test_what_is_held_is_in_doubt_afterwards() -> None:
    """It does not begin before it is released, and nobody knows then whether it is wanted."""
    orders = Orders((PLAN,), held=False)
    assert orders.may_begin
    orders.hold()
    orders.put_back(BUILD)
    assert not orders.may_begin
    assert Orders(orders.waiting, held=orders.held).held
    orders.release()
    assert orders.may_begin
    assert [(it.kind, it.in_doubt) for it in orders.waiting] == [(Work.BUILD, False), (Work.PLAN, True)]


def test_a_label_that_is_taken_off_forgets_what_no_comment_has_asked_for() -> None:
    """A command stands, whatever the labels are; a closed item forgets everything."""
    commanded = WorkOrder(ITEM, Work.PLAN, ADA, hint="short", comment=CommentRef(ITEM, 5))
    orders = Orders((PLAN, commanded, BUILD), held=False)
    orders.forget(Work.PLAN)
    assert orders.waiting == (commanded, BUILD)
    orders.forget()
    assert orders.waiting == ()
