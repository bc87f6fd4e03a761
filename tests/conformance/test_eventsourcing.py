"""The eventsourcing library on our log: its own cases for recorders, run against the bridge, and
its Application reading branches of ours."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from adapters.store.bridge import LogRecorder, recorder
from adapters.store.history import BranchHistory
from adapters.system import SystemClock, Uuid7
from domain.branch import Branch, fold
from domain.instances.events import InstanceTagAdded
from domain.record import tell
from handlers.execute import Executor
from handlers.log import Log
from handlers.warm import Warm
from tests.support.films import ASSET, CELLAR, KITCHEN, film_of
from tests.support.logs import new, opened

# The cases import the library's cipher, and with it a package that nothing here needs.
_CIPHER = ModuleType("eventsourcing.cipher")
_CIPHER.__dict__["AESCipher"] = object
with pytest.MonkeyPatch.context() as importing:
    importing.setitem(sys.modules, "eventsourcing.cipher", _CIPHER)
    from eventsourcing.tests import persistence as cases


class OnOurLog:
    """A fresh database for each case."""

    made: LogRecorder

    @pytest.fixture(autouse=True)
    def _fresh(self, database: str) -> Iterator[None]:
        with recorder(database, new()) as self.made:
            yield

    def create_recorder(self) -> LogRecorder:
        return self.made


class TestApplicationRecorder(OnOurLog, cases.ApplicationRecorderTestCase[LogRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(OnOurLog, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class TestBridge(OnOurLog):
    """What the library's cases leave open."""

    def stored(self, stream: UUID, version: int, topic: str = "test.said") -> StoredEvent:
        return StoredEvent(stream, version, topic, b"%d" % version)

    def test_ids_are_given_in_the_order_of_the_events(self) -> None:
        one, two = uuid4(), uuid4()
        mixed = [self.stored(one, 1), self.stored(two, 1), self.stored(one, 2)]
        ids = self.made.insert_events(mixed)
        found = {each.id: each for each in self.made.select_notifications(None, 10)}
        assert ids is not None
        assert [(found[id].originator_id, found[id].originator_version) for id in ids] == [
            (one, 1),
            (two, 1),
            (one, 2),
        ]

    def test_topics_may_name_a_schema_version(self) -> None:
        stream = uuid4()
        self.made.insert_events([self.stored(stream, 1), self.stored(stream, 2, "test.said#2")])
        found = self.made.select_notifications(None, 10, topics=["test.said#2"])
        assert [each.id for each in found] == [2]
        found = self.made.select_notifications(None, 10, topics=["test.said"])
        assert [each.id for each in found] == [1]

    def test_events_are_selected_in_parts_and_backwards(self) -> None:
        stream = uuid4()
        self.made.insert_events([self.stored(stream, n) for n in range(1, 7)])

        def versions(events: Sequence[StoredEvent]) -> list[int]:
            return [each.originator_version for each in events]

        assert versions(self.made.select_events(stream, gt=2, lte=5)) == [3, 4, 5]
        assert versions(self.made.select_events(stream, limit=2)) == [1, 2]
        assert versions(self.made.select_events(stream, desc=True, limit=2)) == [6, 5]
        assert versions(self.made.select_events(stream, lte=4, desc=True, limit=1)) == [4]

    def test_all_streams_of_an_insert_are_written_or_none(self) -> None:
        one, two = uuid4(), uuid4()
        self.made.insert_events([self.stored(one, 1)])
        with pytest.raises(IntegrityError):
            self.made.insert_events([self.stored(two, 1), self.stored(one, 1, "test.other")])
        assert self.made.select_events(two) == []
        assert self.made.max_notification_id() == 1


@pytest.mark.req("R008")
async def test_the_librarys_application_reads_a_branch_at_any_version(database: str) -> None:
    async with opened(database) as log:
        film = await film_of(Executor(log, SystemClock(), Uuid7(), Warm(log)))
        await film.given(InstanceTagAdded(KITCHEN, ASSET, "lit"))
        await film.request()
        child = await film.fork(14, InstanceTagAdded(CELLAR, ASSET, "broken"))
        await film.given(InstanceTagAdded(KITCHEN, ASSET, "later"))
        for branch in (film.branch, child.branch):
            head = await log.version(branch)
            assert head is not None
            ours = [await folded(log, branch, version) for version in range(1, head + 1)]
            theirs = await asyncio.to_thread(read, database, film.tenant, branch, head)
            assert theirs == ours
        gone = await asyncio.to_thread(read, database, film.tenant, new(), 1)
        assert gone == [Branch()]


async def folded(log: Log, branch: str, version: int) -> Branch:
    return fold(tell(record).fact for record in await log.read(branch, 0, version))


def read(database: str, tenant: str, branch: str, head: int) -> list[Branch]:
    """Every version, and as it is now."""
    with recorder(database, tenant) as reading:
        history = BranchHistory(reading)
        found = [history.at(branch, version) for version in range(1, head + 1)]
        now = history.at(branch)
        assert now.state == found[-1].state
        return [each.state for each in found]
