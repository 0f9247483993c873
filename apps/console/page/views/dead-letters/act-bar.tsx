import { Button } from '@mantine/core';
import classes from './dead-letters.module.css';
import type { Asked } from './dialogs';
import { hindrance, type Target } from './selection';

interface Props {
  target: Target;
  picked: boolean;
  onUnpick: () => void;
  onAsk: (asked: Asked) => void;
}

/** What can be done with the messages that are picked, or with all that match. */
export function ActBar({ target, picked, onUnpick, onAsk }: Props) {
  const why = hindrance(target);
  return (
    <div className={classes.acts}>
      <span className="muted">{target.text}</span>
      {picked && (
        <Button variant="subtle" onClick={onUnpick}>
          Unpick
        </Button>
      )}
      <Button disabled={why !== undefined} onClick={() => onAsk({ act: 'replay', target })}>
        Replay…
      </Button>
      <Button
        variant="default"
        disabled={why !== undefined}
        onClick={() => onAsk({ act: 'discard', target })}
      >
        Discard…
      </Button>
      {why !== undefined && <p className={`muted ${classes.why}`}>{why}</p>}
    </div>
  );
}
