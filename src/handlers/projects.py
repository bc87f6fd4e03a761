"""Projects: making one, and changing what holds for all its branches."""

from domain import project as rules
from domain.values import AspectRatio
from handlers.actor import authorise
from handlers.execute import Asked, Executor, Outcome
from handlers.log import Write
from handlers.warm import BRANCH, PROJECT


async def create(
    executor: Executor, title: str, aspect_ratio: AspectRatio, asked: Asked
) -> Outcome[rules.Project]:
    """The project and its branch `main`, both or neither."""
    authorise(asked.actor, "write")
    project, main = asked.made("project"), asked.made("main")
    facts = rules.decide(rules.CreateProject(title, aspect_ratio, main), rules.Project())
    writes = (
        Write(project, 0, executor.events(facts, asked), project, opens=True),
        Write(main, 0, (), project, opens=True),
    )
    done = await executor.log.append(executor.append(asked, writes, project, len(facts)))
    state = rules.fold(facts)
    if not done.replayed:
        executor.warm.seed(PROJECT, project, asked.actor.tenant, state, len(facts))
        executor.warm.seed(BRANCH, main, asked.actor.tenant, BRANCH.empty, 0)
    return Outcome(project, len(facts), done.last, state, facts, done.replayed)


async def change(
    executor: Executor, project: str, command: rules.Command, asked: Asked
) -> Outcome[rules.Project]:
    return await executor.execute(
        PROJECT, project, project, lambda state: rules.decide(command, state), asked
    )
