import { Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconAlertOctagon,
  IconArrowsSplit2,
  IconFileText,
  IconFlame,
  IconHistory,
  IconListDetails,
  IconReceipt2,
  IconScale,
  IconSitemap,
} from '@tabler/icons-react';
import { Link, useLocation, useSearch } from 'wouter';
import { useLive } from '../live/use-live';
import { count } from '../parts/format';
import { changed } from '../url/search-params';
import classes from './frame.module.css';

const places = [
  { to: '/flow', word: 'Flow', Icon: IconArrowsSplit2 },
  { to: '/orders', word: 'Orders', Icon: IconReceipt2 },
  { to: '/dead-letters', word: 'Dead letters', Icon: IconAlertOctagon },
  { to: '/logs', word: 'Logs', Icon: IconListDetails },
  { to: '/ledger', word: 'Ledger', Icon: IconScale },
  { to: '/topology', word: 'Topology', Icon: IconSitemap },
  { to: '/contracts', word: 'Contracts', Icon: IconFileText },
  { to: '/operations', word: 'Operations', Icon: IconHistory },
  { to: '/drills', word: 'Drills', Icon: IconFlame },
];

export function Rail() {
  const [path] = useLocation();
  const range = new URLSearchParams(useSearch()).get('range') ?? undefined;
  const narrow = useMediaQuery('(width < 1100px)', false, { getInitialValueInEffect: false });
  const dead = useLive(({ system }) => system?.deadLetters ?? 0);
  return (
    <nav className={classes.rail} aria-label="Views">
      <Link href="/flow" className={classes.brand}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span className={classes.word}>Tradepost</span>
      </Link>
      {places.map(({ to, word, Icon }) => (
        <Tooltip key={to} label={word} position="right" disabled={!narrow}>
          <Link
            href={`${to}${changed('', { range })}`}
            className={classes.item}
            aria-current={path === to || path.startsWith(`${to}/`) ? 'page' : undefined}
          >
            <Icon size={18} stroke={1.6} aria-hidden />
            <span className={classes.word}>{word}</span>
            {to === '/dead-letters' && dead > 0 && (
              <span className={classes.count}>{dead > 999 ? '999+' : count(dead)}</span>
            )}
          </Link>
        </Tooltip>
      ))}
    </nav>
  );
}
