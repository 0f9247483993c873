import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './json-view.module.css';

interface Props {
  value: unknown;
  /** Depth to which it is unfolded at first. */
  open?: number;
  label?: string;
  /** Nothing in it is a secret: a sample. */
  plain?: boolean;
}

/** Names whose values nobody needs to see. */
const secret = /pass(word)?$|secret|token$|authorization|api-?key|card(number)?$|cvc|iban/i;
const masked = '••••••';

/** JSON to read: folded, secrets masked, copied (masked) by a button. */
export function JsonView({ value, open = 2, label = 'JSON', plain = false }: Props) {
  return (
    <div className={classes.box} role="group" aria-label={label}>
      <CopyButton value={JSON.stringify(value, plain ? undefined : mask, 2) ?? ''}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon
              className={classes.copy}
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Copy ${label}`}
              onClick={copy}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      <Value value={value} open={open} plain={plain} />
    </div>
  );
}

interface ValueProps {
  name?: string;
  value: unknown;
  open: number;
  plain: boolean;
}

function Value({ name, value, open, plain }: ValueProps) {
  const key = name !== undefined && <span className={classes.key}>{name}: </span>;
  if (!plain && name !== undefined && secret.test(name) && typeof value !== 'object') {
    return line(key, <span className="muted">{masked}</span>);
  }
  if (typeof value !== 'object' || value === null) {
    return line(key, <span className={classes[typeof value]}>{JSON.stringify(value)}</span>);
  }
  const entries: [string, unknown][] = Object.entries(value);
  const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return line(key, left + right);
  return (
    <details open={open > 0} className={classes.node}>
      <summary className={classes.summary}>
        {key}
        {left}
        <span className={classes.folded}>
          {' '}
          {entries.length} {right}
        </span>
      </summary>
      <div className={classes.inner}>
        {entries.map(([each, inner]) => (
          <Value key={each} name={each} value={inner} open={open - 1} plain={plain} />
        ))}
      </div>
      <div className={classes.leaf}>{right}</div>
    </details>
  );
}

function line(key: ReactNode, value: ReactNode) {
  return (
    <div className={classes.leaf}>
      {key}
      {value}
    </div>
  );
}

function mask(name: string, value: unknown): unknown {
  return secret.test(name) && typeof value !== 'object' ? masked : value;
}
