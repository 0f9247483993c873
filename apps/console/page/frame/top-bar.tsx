import { ActionIcon, NativeSelect, Tooltip } from '@mantine/core';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconKeyboard, IconMoon, IconSun } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { useLive } from '../live/use-live';
import { useUrl } from '../url/search-params';
import { ranges, useTimeRange } from '../url/time-range';
import { useConnection } from './connection';
import classes from './frame.module.css';

/** The views that look back over a time; the others show now. */
const rangedViews = ['/dead-letters', '/logs', '/ledger', '/operations'];

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const connection = useConnection();
  const [path] = useLocation();
  const ranged = rangedViews.some((view) => path.startsWith(view));
  return (
    <header className={classes.bar}>
      <HeadlineLink stale={connection.state !== 'live'} />
      <span className={classes.spacer} />
      {ranged && <RangeSelect />}
      <span className={classes.connection} data-state={connection.state} role="status">
        <i aria-hidden /> {connection.text}
      </span>
      <SchemeToggle />
      <Tooltip label="Keys (?)">
        <ActionIcon
          variant="subtle"
          color="gray"
          visibleFrom="sm"
          aria-label="Show the keys"
          onClick={onHelp}
        >
          <IconKeyboard size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}

/** One sentence that is always true, and the way to what explains it. */
function HeadlineLink({ stale }: { stale: boolean }) {
  const headline = useLive(({ system }) => system?.headline);
  if (!headline) return <span className="muted nowrap">Looking at the system…</span>;
  return (
    <Link
      href={headline.to}
      className={classes.headline}
      data-tone={headline.tone}
      data-stale={stale}
      title={headline.text}
    >
      <span className={classes.dot} aria-hidden />
      <span className={classes.sentence}>{headline.text}</span>
    </Link>
  );
}

function RangeSelect() {
  const range = useTimeRange();
  const { set } = useUrl();
  return (
    <NativeSelect
      className={classes.range}
      size="xs"
      aria-label="Time range"
      value={range.key}
      data={ranges.map(({ key, label }) => ({ value: key, label }))}
      onChange={(event) => set({ range: event.currentTarget.value }, { replace: true })}
    />
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  const Icon = other === 'dark' ? IconMoon : IconSun;
  return (
    <Tooltip label={`Show it ${other}`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Show it ${other}`}
        onClick={() => setColorScheme(other)}
      >
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
