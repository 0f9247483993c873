import { around, lineDiff } from './line-diff';
import classes from './diff-view.module.css';

/** What changed, with the lines around it. */
export function DiffView({ before, after }: { before: string; after: string }) {
  const lines = around(lineDiff(before, after));
  if (before === after) return <p className="muted">Nothing is changed yet.</p>;
  return (
    <pre className={classes.diff} tabIndex={0} aria-label="Changes of the body">
      {lines.map((line, at) =>
        line ? (
          <div key={at} data-sign={line.sign}>
            {line.sign} {line.text}
          </div>
        ) : (
          <div key={at} className={classes.gap}>
            ⋯
          </div>
        ),
      )}
    </pre>
  );
}
