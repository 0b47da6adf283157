"""when a job's time was decided, so that a clock that goes back holds nothing up

Revision: 0007_planned_at
Revises: 0006_signal_kinds
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007_planned_at"
down_revision = "0006_signal_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("planned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "planned_at")
