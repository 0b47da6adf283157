"""internal notes on helpdesks' tickets

Revision: 0003_helpdesk_notes
Revises: 0002_issue_targets
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text

revision = "0003_helpdesk_notes"
down_revision = "0002_issue_targets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sqlmodel.sql.sqltypes.AutoString
    source = sa.Enum(
        "slack", "notification", "import", "webhook", "zendesk", "intercom", "freshdesk", "github", "jira", "linear",
        "email", name="source", native_enum=False, length=32,
    )
    op.create_table(
        "helpdesk_notes",
        sa.Column("workspace_id", word(), nullable=False),
        sa.Column("source", source, nullable=False),
        sa.Column("external_id", word(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("mark", word(), nullable=False),
        sa.Column("said", word(), nullable=False),
        sa.Column("tag", word(), nullable=True),
        sa.Column("retagged", word(), nullable=True),
        sa.Column("state", word(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", Text(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_helpdesk_notes_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("workspace_id", "source", "external_id", name=op.f("pk_helpdesk_notes")),
    )
    with op.batch_alter_table("helpdesk_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpdesk_notes_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("helpdesk_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpdesk_notes_ticket_id"))
    op.drop_table("helpdesk_notes")
