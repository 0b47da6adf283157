"""Vectors are halfvec of pgvector on PostgreSQL, with an index for the nearest; nothing changes on SQLite

Revision: 0004_halfvec
Revises: 0003_helpdesk_notes
"""

import numpy as np
import sqlalchemy as sa
from alembic import op


revision = '0004_halfvec'
down_revision = '0003_helpdesk_notes'
branch_labels = None
depends_on = None

KEYS = {'vectors': ('ticket_id', 'model'), 'doc_sections': ('page_id', 'place')}
BATCH = 1000


def upgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    op.execute('CREATE EXTENSION IF NOT EXISTS vector')
    for table, keys in KEYS.items():
        _convert(table, keys, 'halfvec', 'embedding', _as_text)
    op.execute(
        'CREATE INDEX hnsw_vectors_384 ON vectors USING hnsw ((embedding::halfvec(384)) halfvec_ip_ops)'
        ' WHERE vector_dims(embedding) = 384'
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    op.execute('DROP INDEX hnsw_vectors_384')
    for table, keys in KEYS.items():
        _convert(table, keys, 'bytea', 'halfvec_send(embedding)', _as_bytes)


def _as_text(stored: bytes) -> str:
    return '[' + ','.join(map(repr, np.frombuffer(stored, '<f2').astype(float).tolist())) + ']'


def _as_bytes(sent: bytes) -> bytes:
    return np.frombuffer(sent[4:], '>f2').astype('<f2').tobytes()


def _convert(table, keys, kind, read, change) -> None:
    """Replace the column `embedding` by one of another type, a batch of rows at a time."""
    connection = op.get_bind()
    op.execute(f'ALTER TABLE {table} ADD COLUMN changed {kind}')
    key = ', '.join(keys)
    some = sa.text(f'SELECT {key}, {read} FROM {table} WHERE changed IS NULL LIMIT {BATCH}')
    where = ' AND '.join(f'{name} = :{name}' for name in keys)
    write = sa.text(f'UPDATE {table} SET changed = CAST(:new AS {kind}) WHERE {where}')
    while rows := connection.execute(some).all():
        connection.execute(write, [dict(zip(keys, row)) | {'new': change(row[-1])} for row in rows])
    op.execute(f'ALTER TABLE {table} DROP COLUMN embedding')
    op.execute(f'ALTER TABLE {table} RENAME COLUMN changed TO embedding')
    op.execute(f'ALTER TABLE {table} ALTER COLUMN embedding SET NOT NULL')
