"""Three cities over real sockets cosign one another; a log that was set back stays silent; two faces are kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest
from tests.peers.cities import AT, cities
from tests.support import copies
from tests.transparency.making import Tree, entries, signer

from hejie.base.merkle import EMPTY, HASH_BYTES, leaf_hash
from hejie.peers.cosigners import ask_largest
from hejie.transparency.checkpoints import cosign, cosigners, read, sign, signed_by_log
from hejie.transparency.keys import Kind, read_verifiers
from hejie.transparency.notes import read_signatures
from hejie.transparency.parties import OwnLog, Peer
from hejie.transparency.tiles import appended, hashes_over
from hejie.transparency.witnessing import Signing, written

A, B, C = "330100", "510100", "310000"
SIGNED = "select size, root, note, cosigners from log_checkpoint order by size"


@pytest.fixture
def made(tmp_path, database, module_database):
    """Hangzhou on a database of its own, two others as tenants of another house's; none is up yet."""
    url = module_database.app_url
    with cities(tmp_path, {A: database.app_url, B: url, C: url}) as found:
        yield found
    with psycopg.connect(module_database.superuser_url, autocommit=True) as connection:
        connection.execute(
            "truncate alliance_directory, log_witnessed, log_split, log_checkpoint, log_number, log_tile"
        )
        connection.execute("truncate log, work_item")


async def test_three_cities_cosign_one_another(made):
    home, others = made[A], [made[B], made[C]]
    async with home.serving(), made[B].serving(), made[C].serving():
        await home.write(300)
        assert await home.go_on() is Signing.may
        async with httpx.AsyncClient(base_url=f"{home.url}/{A}/log", trust_env=False) as http:
            answer = await http.get("checkpoint")
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            note, head = read(answer.content)
            keys = read_verifiers((await http.get("keys")).text)
            assert {each.name for each in keys} == {each.signer.name for each in made.values()}
            assert signed_by_log(note, keys)
            assert {each.name for each in cosigners(note, keys)} == {each.signer.name for each in others}
            await read_whole(http, head)
        await made[B].write(2)
        await made[C].write(5)
        for each in others:
            assert await each.go_on() is Signing.may
        await home.write(7)
        for _ in range(2):
            assert await home.go_on() is Signing.may
        assert [(size, count) for size, _, _, count in await home.rows(SIGNED)] == [(300, 2), (307, 2)]
        for each in others:
            seen = await each.rows("select origin, size from log_witnessed order by size")
            assert [row for row in seen if row[0] == home.signer.name] == [(home.signer.name, n) for n in (300, 307)]
            assert len(await each.rows(SIGNED)) == 1
        assert await home.rows("select kind from work_item") == []


async def read_whole(http, head):
    """A stranger reads entries and tiles, and comes to the signed root."""
    raw = (await http.get("tile/entries/000")).content + (await http.get("tile/entries/001.p/44")).content
    assert len(raw) == head.size * 34
    entries = [raw[at + 2 : at + 34] for at in range(0, len(raw), 34)]
    tiles = appended(0, {}, [leaf_hash(each) for each in entries])
    assert hashes_over([(0, head.size)], tiles) == [head.root]
    for (level, tile), told in tiles.items():
        width = len(told) // HASH_BYTES
        answer = await http.get(f"tile/{level}/{tile:03d}" + (f".p/{width}" if width < 256 else ""))
        assert answer.content == told
        assert "immutable" in answer.headers["cache-control"]
    for path in ("0/001", "0/001.p/45", "1/000", "2/000.p/1", "00/000", "64/000", "0/0", "x/000", "entries/001"):
        assert (await http.get(f"tile/{path}")).status_code == 404, path


async def test_a_log_set_back_to_an_older_backup_signs_nothing(made, database):
    home, witness, backup = made[A], made[B], f"backup_{uuid4().hex}"
    async with witness.serving():
        async with home.serving():
            await home.write(5)
            assert await home.go_on() is Signing.may
        copies.keep(database.app_url, backup)
        async with home.serving():
            await home.write(5, b"later")
            assert await home.go_on() is Signing.may
            assert [row[0] for row in await home.rows(SIGNED)] == [5, 10]
        copies.renew(database.app_url, backup)
        async with home.serving():
            await home.write(2, b"other")
            assert await home.go_on() is Signing.behind
            assert await home.go_on() is Signing.behind
            items = await home.rows("select kind, subject, body ->> 'count' from work_item")
            assert items == [("log_behind", home.signer.name, "10")]
            await home.write(9, b"other")
            assert await home.go_on() is Signing.two_views
            assert [row[0] for row in await home.rows(SIGNED)] == [5]
        assert [row[0] for row in await witness.rows("select size from log_witnessed order by 1")] == [5, 10]
    psycopg.connect(database.superuser_url, autocommit=True).execute(f"drop database {backup}").connection.close()


async def test_a_log_whose_cosigners_are_away_is_silent(made):
    home = made[A]
    for each in (made[B], made[C]):
        each.listening.close()
    async with home.serving():
        await home.write()
        assert await home.go_on() is Signing.silent
        assert await home.rows(SIGNED) == []
        assert await home.rows("select count(*) from log_number") == [(3,)]
        async with httpx.AsyncClient(base_url=f"{home.url}/{A}/log", trust_env=False) as http:
            assert (await http.get("checkpoint")).status_code == 404
            assert (await http.get("tile/0/000.p/3")).status_code == 404


async def test_a_witness_answers_status_by_status_and_keeps_two_faces(made):
    """The log's keys in a stranger's hands: everything a log can say to a witness over HTTP."""
    home, witness = made[A], made[B]
    tree, other = Tree(entries(30)), Tree(entries(30, "other"))

    def note(size, *, of=tree, by=home.signer):
        return sign(of.checkpoint(size, origin=home.signer.name), by)

    async with witness.serving(), httpx.AsyncClient(base_url=f"{witness.url}/api/{B}/witness", trust_env=False) as http:

        async def show(old, proof, told):
            answer = await http.post("add-checkpoint", content=written(old, proof, told))
            return answer.status_code, answer.headers["content-type"], answer.text

        first = await show(0, [], note(10))
        assert first[:2] == (200, "text/plain; charset=utf-8")
        key = witness.signer.verifier(Kind.witness)
        (seen,) = cosigners(note(10).with_more(read_signatures(first[2])), [key])
        assert abs(seen.at - datetime.now(UTC)) < timedelta(minutes=1)
        stranger = sign(tree.checkpoint(10, origin="nobody.example"), signer("nobody.example", 9))
        assert (await show(0, [], stranger))[0] == 404
        assert (await show(0, [], note(10, by=signer(home.signer.name, 9))))[0] == 403
        assert (await show(20, [], note(10)))[0] == 400
        assert (await http.post("add-checkpoint", content=b"old 10\n\nx")).status_code == 400
        assert (await http.post("add-checkpoint", content=bytes(70_000))).status_code == 413
        assert await show(0, [], note(20)) == (409, "text/x.tlog.size", "10\n")
        assert (await show(10, [], note(20)))[0] == 422
        assert (await show(10, other.consistency(10, 20), note(20)))[0] == 422
        assert await witness.rows("select size from log_witnessed") == [(10,)]
        assert await witness.rows("select 1 from log_split") == []
        assert (await show(10, tree.consistency(10, 20), note(20)))[0] == 200
        for size in (20, 10):
            assert await show(20, [], note(size, of=other)) == ((409, "text/x.tlog.size", "20\n") if size == 20 else
                                                               (400, "text/plain; charset=utf-8", ""))  # fmt: skip
        kept = await witness.rows("select size, note, other_note from log_split order by size")
        assert kept == [(size, str(note(size)), str(note(size, of=other))) for size in (10, 20)]
        items = await witness.rows("select kind, noun, subject from work_item")
        assert items == [("log_split", "log", home.signer.name)]
        assert await witness.rows("select size, root from log_witnessed order by size") == [
            (size, tree.checkpoint(size).root) for size in (10, 20)
        ]
        told = read((await http.get("seen", params={"origin": home.signer.name})).content)
        assert told[1] == tree.checkpoint(20, origin=home.signer.name)
        assert signed_by_log(told[0], [home.signer.verifier(Kind.log)])
        assert cosigners(told[0], [key])
        assert (await http.get("seen", params={"origin": "nobody.example"})).status_code == 404
        empty = read((await http.get("seen", params={"origin": made[C].signer.name})).content)
        assert (empty[1].size, empty[1].root, len(cosigners(empty[0], [key]))) == (0, EMPTY, 1)
        assert (await http.get(f"{witness.url}/api/{A}/witness/seen")).status_code == 404


async def test_two_at_once_are_cosigned_one_after_the_other(made):
    """The race of the specification: nobody is told of a tree that was rolled back."""
    home, witness = made[A], made[B]
    tree = Tree(entries(200))
    async with witness.serving(), httpx.AsyncClient(base_url=f"{witness.url}/api/{B}/witness", trust_env=False) as http:

        async def show(size):
            told = sign(tree.checkpoint(size, origin=home.signer.name), home.signer)
            return (await http.post("add-checkpoint", content=written(0, [], told))).status_code

        answers = await asyncio.gather(*(show(size) for size in range(100, 120)))
        assert sorted(answers) == [200] + [409] * 19
        assert len(await witness.rows("select size from log_witnessed")) == 1


HEARD = {
    "nothing": (b"", 200),
    "garbage": (b"\x00" * 500, 200),
    "an old word": ("old", 200),
    "a word of another time": ("future", 200),
    "a forged word": ("forged", 200),
    "a word on another log": ("other log", 200),
    "a size that we never signed": ("not ours", 200),
    "an error": ("right", 500),
    "too much": (b"x" * 200_000, 200),
    "the right word": ("right", 200),
}


@pytest.mark.parametrize("case", HEARD)
async def test_what_is_no_believable_answer_of_a_cosigner(case):
    told, status = HEARD[case]
    home, peer, tree = signer("home.example", 1), signer("peer.example", 2), Tree(entries(9))
    own = OwnLog(signer=home, peers=(Peer(witness=(peer.verifier(Kind.witness),), url="http://peer.example"),))
    head = tree.checkpoint(9, origin="other.example" if told == "other log" else home.name)
    hours = {"old": -1, "future": 1}.get(told, 0)
    by = signer(peer.name, 3) if told == "forged" else peer
    note = sign(head, signer(home.name, 4) if told == "not ours" else home)
    raw = (
        told
        if isinstance(told, bytes)
        else str(note.with_more([cosign(head, by, AT + timedelta(hours=hours))])).encode()
    )
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=raw))
    async with httpx.AsyncClient(transport=transport) as client:
        found = await ask_largest(client, own, own.peers[0], AT)
    assert (found is not None) == (case == "the right word")
