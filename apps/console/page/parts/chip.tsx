import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './small.module.css';

interface Props {
  on?: boolean;
  onClick: () => void;
  label?: string;
  children: ReactNode;
}

/** A filter that is on or off. */
export function Chip({ on = false, onClick, label, children }: Props) {
  return (
    <UnstyledButton
      className={classes.chip}
      data-on={on}
      aria-pressed={on}
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </UnstyledButton>
  );
}
