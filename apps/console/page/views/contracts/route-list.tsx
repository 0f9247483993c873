import { Link } from 'wouter';
import type { RouteDocument, RouteDocuments } from '../../../src/api/documents';
import { counted } from '../../parts/format';
import { useListKeys } from '../../parts/use-list-keys';
import { changed, useUrl } from '../../url/search-params';
import classes from './contracts.module.css';
import { foundRoutes, idOfRoute } from './find';
import { Coded } from './prose';
import { useSeen } from './use-seen';

interface Props {
  services: RouteDocuments['services'];
  text: string;
  selected?: string;
}

/** What each service has beside its API. */
const common = ['operations', 'service'];

/** The routes of each service; of one that has none to show, why. */
export function RouteList({ services, text, selected }: Props) {
  const { set } = useUrl();
  const groups = services
    .map((service) => ({ ...service, routes: foundRoutes(service.routes, text) }))
    .filter(({ routes, problem }) => routes.length > 0 || (problem && text === ''));
  useListKeys({
    items: groups.flatMap(({ routes }) => routes),
    idOf: idOfRoute,
    selected,
    onMove: (route) => set({ route }, { replace: true }),
  });
  return groups.map((service) => (
    <section key={service.name} aria-label={service.name}>
      <div className={classes.service}>
        <h2 className="subtitle">{service.name}</h2>
        {service.problem === undefined && (
          <a
            href={`/api/documents/openapi/${service.name}`}
            target="_blank"
            rel="noreferrer"
            aria-label={`OpenAPI of ${service.name}`}
          >
            OpenAPI
          </a>
        )}
      </div>
      {service.text && <p className="muted">{service.text}</p>}
      {service.problem !== undefined && <p role="status">{service.problem}</p>}
      <Routes
        routes={service.routes.filter(({ tag }) => !common.includes(tag))}
        selected={selected}
      />
      <Common
        routes={service.routes.filter(({ tag }) => common.includes(tag))}
        open={text !== ''}
        selected={selected}
      />
    </section>
  ));
}

interface RoutesProps {
  routes: RouteDocument[];
  selected?: string;
}

/** Folded: it is the same of every service, nearly. */
function Common({ routes, open, selected }: RoutesProps & { open: boolean }) {
  if (routes.length === 0) return null;
  const isOpen = open || routes.some((route) => idOfRoute(route) === selected);
  return (
    <details open={isOpen} className={classes.common}>
      <summary>For operators and monitoring: {counted(routes.length, 'route')}</summary>
      <Routes routes={routes} selected={selected} />
    </details>
  );
}

function Routes({ routes, selected }: RoutesProps) {
  const { params, set } = useUrl();
  const list = useSeen(selected);
  if (routes.length === 0) return null;
  return (
    <table
      ref={list}
      className={`rows ${classes.list}`}
      aria-label={`Routes of ${routes[0]?.service}`}
    >
      <tbody>
        {routes.map((one) => {
          const route = idOfRoute(one);
          return (
            <tr
              key={route}
              data-clickable
              data-selected={route === selected}
              onClick={() => set({ route })}
            >
              <td>
                <Link
                  href={`/contracts${changed(params.toString(), { route })}`}
                  className={classes.route}
                  onClick={(event) => event.stopPropagation()}
                >
                  <span className={classes.method}>{one.method}</span> {one.path}
                </Link>
                <span className={classes.below}>
                  <Coded text={one.summary} />
                </span>
              </td>
              <td className={classes.roomy}>
                <Coded text={one.summary} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
