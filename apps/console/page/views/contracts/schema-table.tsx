import type { Schema } from '../../../src/api/documents';
import { JsonView } from '../../parts/json-view';
import classes from './contracts.module.css';
import { Prose } from './prose';
import { rowsOf, typeWords, type SchemaRow } from './schema-rows';

/** How far a field within another one stands from the left. */
const stepPx = 16;

export function FieldTable({ rows, label }: { rows: SchemaRow[]; label: string }) {
  return (
    <table className={`rows ${classes.fields}`} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.path}>
            <th scope="row" style={{ paddingLeft: row.depth * stepPx }}>
              <code>{row.name}</code>
              {row.isOptional && <span className={classes.optional}>optional</span>}
            </th>
            <td>
              <code className={classes.type}>{row.type}</code>
              {row.limits && <span className={classes.limits}>{row.limits}</span>}
              <Prose text={row.text} className={classes.text} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A schema, field by field. */
export function SchemaTable({ schema, label }: { schema: Schema; label: string }) {
  const rows = rowsOf(schema);
  return (
    <>
      {(rows.length === 0 || schema.items !== undefined) && (
        <p className={classes.whole}>
          <code className={classes.type}>{typeWords(schema)}</code>
        </p>
      )}
      {rows.length > 0 && <FieldTable rows={rows} label={label} />}
    </>
  );
}

/** The first: others are of other ways to send the same. */
export function Example({ values, label }: { values: unknown[]; label: string }) {
  const [value] = values;
  if (value === undefined) return null;
  return (
    <div className={classes.example}>
      <p className="muted">For example</p>
      <JsonView value={value} label={label} open={3} plain />
    </div>
  );
}
