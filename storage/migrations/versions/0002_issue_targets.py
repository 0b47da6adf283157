"""issues of the documentation queue, and where an issue stands in the tracker's words

Revision: 0002_issue_targets
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002_issue_targets"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sqlmodel.sql.sqltypes.AutoString()
    with op.batch_alter_table("tracked_issues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("target", word, nullable=False, server_default="main"))
        for name in ("place", "stage", "planned", "page"):
            batch_op.add_column(sa.Column(name, word, nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_tracked_issues_workspace_id_theme_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_tracked_issues_workspace_id_theme_id_target"), ["workspace_id", "theme_id", "target"]
        )
    with op.batch_alter_table("tracked_issues", schema=None) as batch_op:
        batch_op.alter_column("target", existing_type=word, existing_nullable=False, server_default=None)


def downgrade() -> None:
    """A theme keeps one issue: that of the main target, else that of the documentation."""
    op.execute(
        "DELETE FROM tracked_issues WHERE target <> 'main' AND EXISTS (SELECT 1 FROM tracked_issues AS main"
        " WHERE main.workspace_id = tracked_issues.workspace_id AND main.theme_id = tracked_issues.theme_id"
        " AND main.target = 'main')"
    )
    with op.batch_alter_table("tracked_issues", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_tracked_issues_workspace_id_theme_id_target"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_tracked_issues_workspace_id_theme_id"), ["workspace_id", "theme_id"]
        )
        for name in ("page", "planned", "stage", "place", "target"):
            batch_op.drop_column(name)
