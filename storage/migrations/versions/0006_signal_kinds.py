"""signals of a kind are found without looking at every ticket of the period

Revision: 0006_signal_kinds
Revises: 0005_installations
"""

from alembic import op


revision = '0006_signal_kinds'
down_revision = '0005_installations'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_signals_workspace_id_kind', 'signals', ['workspace_id', 'kind'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_signals_workspace_id_kind', table_name='signals')
