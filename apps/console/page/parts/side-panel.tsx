import { ActionIcon, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import classes from './side-panel.module.css';

interface Props {
  title: ReactNode;
  /** What a reader's screen calls it. */
  label: string;
  onClose: () => void;
  width?: number;
  children: ReactNode;
}

/** What is selected, beside the view; over it on narrow screens, and a sheet on a phone. */
export function SidePanel({ title, label, onClose, width = 420, children }: Props) {
  const narrow = useMediaQuery('(width < 1100px)', false, { getInitialValueInEffect: false });
  const phone = useMediaQuery('(width < 600px)', false, { getInitialValueInEffect: false });
  useEscape(onClose, !narrow);
  if (narrow) {
    return (
      <Drawer
        opened
        onClose={onClose}
        title={title}
        position={phone ? 'bottom' : 'right'}
        size={phone ? '85%' : width}
        padding="md"
        aria-label={label}
        classNames={{ title: classes.drawerTitle, header: classes.drawerHeader }}
      >
        {children}
      </Drawer>
    );
  }
  return (
    <aside className={classes.panel} style={{ width }} aria-label={label}>
      <div className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <div className={classes.scroll}>{children}</div>
    </aside>
  );
}

/** What floats above the panel hears `esc` first, and keeps it. */
function useEscape(onClose: () => void, active: boolean): void {
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  });
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      const floating = document.querySelector('[role="dialog"], [role="listbox"], [role="menu"]');
      if (event.key === 'Escape' && !event.defaultPrevented && !floating) latest.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [active]);
}

/** A part of a panel, under its own heading. */
export function PanelSection({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h3 className={classes.sectionTitle}>{title}</h3>
      {children}
    </section>
  );
}

/** Facts of a panel: terms at the left, what they are at the right. */
export function Facts({ facts }: { facts: [term: string, value: ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([term, value]) => (
          <div key={term} className={classes.fact}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
