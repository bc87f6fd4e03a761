"""Projects, branches and workspaces."""

import pytest

from domain.project import (
    ActivateBranch,
    BranchActivated,
    BranchCreated,
    CreateBranch,
    CreateProject,
    ProjectAspectRatioSet,
    ProjectCreated,
    RenameProject,
    SetAspectRatio,
)
from domain.workspace import (
    CreateWorkspace,
    IssueKey,
    KeyIssued,
    KeyRevoked,
    RevokeKey,
    WorkspaceCreated,
)
from tests.support.spec import projects, workspaces

film = projects().given(ProjectCreated("Salt", "16:9"), BranchCreated("b1", "main", None, 0))


@pytest.mark.req("R003")
def test_a_project_begins_with_its_branch_main() -> None:
    projects().when(CreateProject("Salt", "16:9", "b1")).then(
        ProjectCreated("Salt", "16:9"), BranchCreated("b1", "main", None, 0)
    )
    assert film.state.active == "b1"
    film.when(CreateProject("Salt", "16:9", "b2")).refused("PROJECT_EXISTS")


@pytest.mark.req("R009")
def test_a_branch_forks_off_what_has_happened() -> None:
    film.when(CreateBranch("b2", "storybook", "b1", 7, 9)).then(
        BranchCreated("b2", "storybook", "b1", 7)
    )
    film.when(CreateBranch("b2", "storybook", "b1", 10, 9)).refused("FORK_BEYOND_HEAD", head=9)
    film.when(CreateBranch("b2", "Main", "b1", 1, 9)).refused("BRANCH_EXISTS")
    film.when(CreateBranch("b2", "a@b", "b1", 1, 9)).refused("BRANCH_NAME_INVALID")
    film.when(CreateBranch("b2", "x", "b9", 1, 9)).refused("BRANCH_NOT_FOUND")


def test_settings_change_and_what_is_the_same_is_no_event() -> None:
    film.when(SetAspectRatio("9:16")).then(ProjectAspectRatioSet("9:16"))
    film.when(SetAspectRatio("16:9")).nothing()
    film.when(RenameProject("Salt")).nothing()


def test_one_branch_is_active() -> None:
    two = film.given(BranchCreated("b2", "storybook", "b1", 7))
    two.when(ActivateBranch("b2")).then(BranchActivated("b2"))
    two.when(ActivateBranch("b1")).nothing()
    two.when(ActivateBranch("b3")).refused("BRANCH_NOT_FOUND")


def test_keys_open_a_workspace_until_they_are_revoked() -> None:
    workspaces().when(CreateWorkspace("local")).then(WorkspaceCreated("local"))
    issued = KeyIssued("k", "first", "ab", "admin")
    open_ = workspaces().given(WorkspaceCreated("local"))
    keyed = open_.when(IssueKey("k", "first", "ab", "admin")).then(issued)
    keyed.when(RevokeKey("k")).then(KeyRevoked("k"))
    open_.when(RevokeKey("k")).refused("KEY_NOT_FOUND")
