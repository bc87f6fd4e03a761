"""All read models."""

from projections.assets import ASSETS
from projections.branch_trees import BRANCH_TREES, DASHBOARDS
from projections.carousels import CAROUSELS
from projections.engine import Projection
from projections.jobs import BATCHES, JOBS
from projections.key_rings import KEY_RINGS
from projections.reference_chains import REFERENCE_CHAINS
from projections.scene_boards import SCENE_BOARDS
from projections.scene_dependencies import SCENE_DEPENDENCIES
from projections.scenes import SCENES
from projections.stage_boards import STAGE_BOARDS
from projections.writing import WRITING

PROJECTIONS: tuple[Projection, ...] = (
    SCENES,
    SCENE_DEPENDENCIES,
    ASSETS,
    SCENE_BOARDS,
    REFERENCE_CHAINS,
    CAROUSELS,
    STAGE_BOARDS,
    WRITING,
    JOBS,
    BATCHES,
    BRANCH_TREES,
    DASHBOARDS,
    KEY_RINGS,
)
BY_NAME = {projection.name: projection for projection in PROJECTIONS}
OF_BRANCH = tuple(projection for projection in PROJECTIONS if projection.follows_forks)
"""Those that every branch has for itself."""
