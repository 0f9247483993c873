import { CopyButton, Tooltip, UnstyledButton } from '@mantine/core';
import classes from './small.module.css';

/** `019abc…7f3e`: the ends tell ids apart, the middle of UUIDv7s is alike. */
export function shortened(id: string, ends = 5): string {
  return id.length <= ends * 2 + 1 ? id : `${id.slice(0, ends)}…${id.slice(-ends)}`;
}

/** An id: shortened in its middle, whole on hover, copied by a click. */
export function Id({ id, ends }: { id: string; ends?: number }) {
  return (
    <CopyButton value={id} timeout={1_200}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : id} classNames={{ tooltip: classes.monoTooltip }}>
          <UnstyledButton
            className={classes.id}
            aria-label={`Copy ${id}`}
            onClick={(event) => {
              event.stopPropagation();
              copy();
            }}
          >
            {copied ? 'copied' : shortened(id, ends)}
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}
