import type { ReactNode } from 'react';
import classes from './view.module.css';

interface Props {
  title: string;
  /** One line that says what is looked at. */
  line: ReactNode;
  /** Filters as chips, and what a view does. */
  chips?: ReactNode;
  /** A `SidePanel` of what is selected. */
  panel?: ReactNode;
  /** The content scrolls itself and takes all the height there is. */
  fill?: boolean;
  children: ReactNode;
}

/** What all views look like: title, line, chips, the thing itself, a panel beside it. */
export function View({ title, line, chips, panel, fill, children }: Props) {
  return (
    <div className={classes.view} data-fill={fill}>
      <title>{`${title} · Tradepost`}</title>
      <header className={classes.header}>
        <div className={classes.words}>
          <h1 className={classes.title}>{title}</h1>
          <p className={classes.line}>{line}</p>
        </div>
        {chips && <div className={classes.chips}>{chips}</div>}
      </header>
      <div className={classes.body}>
        <div className={classes.content}>{children}</div>
        {panel}
      </div>
    </div>
  );
}
