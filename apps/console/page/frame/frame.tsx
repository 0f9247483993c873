import { lazy, Suspense, useEffect, type ReactNode } from 'react';
import type { Session } from '../../src/api/session';
import { askSessionAgain } from '../api/queries';
import { useLive } from '../live/use-live';
import classes from './frame.module.css';
import { Rail } from './rail';
import { TopBar } from './top-bar';
import { useGlobalKeys } from './use-global-keys';
import { Outdated } from './outdated';

const KeyHelp = lazy(() => import('./key-help'));

interface Props {
  session?: Session;
  children: ReactNode;
}

/** What stands around every view. */
export function Frame({ session, children }: Props) {
  const { helpShown, showHelp } = useGlobalKeys();
  const stream = useLive((live) => live.stream);
  useEffect(() => {
    if (stream === 'open' || stream === 'reconnecting') askSessionAgain();
  }, [stream]);
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#view">
        Skip to the view
      </a>
      <Rail />
      <TopBar onHelp={() => showHelp(true)} />
      <main id="view" className={classes.main} tabIndex={-1}>
        <Outdated page={session?.page} />
        <ScrollsToTop />
        {children}
      </main>
      {helpShown && (
        <Suspense>
          <KeyHelp opened onClose={() => showHelp(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** Another view begins at its top. */
function ScrollsToTop() {
  const path = window.location.pathname;
  useEffect(() => {
    document.getElementById('view')?.scrollTo(0, 0);
  }, [path]);
  return null;
}
