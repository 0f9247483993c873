import { lazy, Suspense, type ComponentType } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { useSession } from './api/session';
import { Frame } from './frame/frame';
import { EmptyState } from './parts/states';
import { ErrorBoundary } from './parts/error-boundary';
import { LateSkeleton } from './parts/late-skeleton';

const SignIn = lazy(() => import('./frame/sign-in'));

/** Each view is loaded when it is opened: the graph and the charts cost the others nothing. */
const views: Record<string, ComponentType> = {
  '/flow': lazy(() => import('./views/flow/flow-view')),
  '/orders': lazy(() => import('./views/orders/orders-view')),
  '/orders/:id': lazy(() => import('./views/orders/journey-view')),
  '/dead-letters': lazy(() => import('./views/dead-letters/dead-letters-view')),
  '/logs': lazy(() => import('./views/logs/logs-view')),
  '/ledger': lazy(() => import('./views/ledger/ledger-view')),
  '/topology': lazy(() => import('./views/topology/topology-view')),
  '/contracts': lazy(() => import('./views/contracts/contracts-view')),
  '/operations': lazy(() => import('./views/operations/operations-view')),
  '/drills': lazy(() => import('./views/drills/drills-view')),
};

export function App() {
  const session = useSession();
  if (session.closed && session.data) {
    return (
      <Suspense>
        <SignIn wants={session.data.wants} />
      </Suspense>
    );
  }
  return (
    <Frame session={session.data}>
      <ErrorBoundary>
        <Suspense fallback={<LateSkeleton />}>
          <Switch>
            {Object.entries(views).map(([path, View]) => (
              <Route key={path} path={path}>
                <View />
              </Route>
            ))}
            <Route path="/">
              <Redirect to="/flow" replace />
            </Route>
            <Route>
              <EmptyState title="There is no such page" hint="The rail has all there are." />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Frame>
  );
}
