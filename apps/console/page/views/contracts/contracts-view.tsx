import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { MessageDocuments, RouteDocuments } from '../../../src/api/documents';
import { useApi } from '../../api/queries';
import { Chip } from '../../parts/chip';
import { counted } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import classes from './contracts.module.css';
import { foundMessages, foundRoutes, idOfRoute } from './find';
import { MessageList } from './message-list';
import { MessagePanel } from './message-panel';
import { RouteList } from './route-list';
import { RoutePanel } from './route-panel';

/** They change with the code alone. */
const staleMs = 60_000;

export default function ContractsView() {
  const { get } = useUrl();
  return get('kind') === 'http' ? <Http /> : <Messages />;
}

function Messages() {
  const { get, set } = useUrl();
  const [text, selected] = [get('q') ?? '', get('contract')];
  const { data, ...query } = useApi<MessageDocuments>('/api/documents/messages', {}, { staleMs });
  const messages = data?.messages ?? [];
  const found = foundMessages(messages, text);
  const panel = selected !== undefined && data && (
    <MessagePanel
      selected={selected}
      message={messages.find(({ contract }) => contract === selected)}
      onClose={() => set({ contract: undefined })}
    />
  );
  return (
    <View
      title="Contracts"
      line={
        <>
          What services send each other
          {data && `: ${counted(messages.length, 'contract')}, as of ${data.version}. `}
          {data && (
            <a href="/api/documents/asyncapi.json" target="_blank" rel="noreferrer">
              AsyncAPI
            </a>
          )}
        </>
      }
      chips={<Filters kind="messages" text={text} />}
      panel={panel}
    >
      {query.isPending && <LateSkeleton lines={10} />}
      {query.isError && (
        <ErrorState
          what="The contracts could not be read"
          error={query.error}
          still="Services go on by them."
          onRetry={() => void query.refetch()}
        />
      )}
      {found.length > 0 && (
        <div className={classes.room}>
          <MessageList messages={found} selected={selected} />
        </div>
      )}
      {data && found.length === 0 && <Nothing text={text} />}
    </View>
  );
}

function Http() {
  const { get, set } = useUrl();
  const [text, selected] = [get('q') ?? '', get('route')];
  const { data, ...query } = useApi<RouteDocuments>('/api/documents/routes', {}, { staleMs });
  const services = data?.services ?? [];
  const routes = services.flatMap((service) => service.routes);
  const told = data ? `: ${counted(routes.length, 'route')}` : '';
  const panel = selected !== undefined && data && (
    <RoutePanel
      selected={selected}
      route={routes.find((route) => idOfRoute(route) === selected)}
      onClose={() => set({ route: undefined })}
    />
  );
  return (
    <View
      title="Contracts"
      line={`What each service answers over HTTP${told}.`}
      chips={<Filters kind="http" text={text} />}
      panel={panel}
    >
      {query.isPending && <LateSkeleton lines={10} />}
      {query.isError && (
        <ErrorState
          what="The routes could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <div className={`${classes.services} ${classes.room}`}>
        <RouteList services={services} text={text} selected={selected} />
      </div>
      {data && text !== '' && foundRoutes(routes, text).length === 0 && <Nothing text={text} />}
    </View>
  );
}

function Filters({ kind, text }: { kind: 'messages' | 'http'; text: string }) {
  const { set } = useUrl();
  const show = (other?: string) => set({ kind: other, contract: undefined, route: undefined });
  return (
    <>
      <Chip on={kind === 'messages'} onClick={() => show()}>
        Messages
      </Chip>
      <Chip on={kind === 'http'} onClick={() => show('http')}>
        HTTP
      </Chip>
      <TextInput
        type="search"
        size="xs"
        className={classes.search}
        aria-label="Search the contracts"
        placeholder="Names, fields, services"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })}
      />
    </>
  );
}

function Nothing({ text }: { text: string }) {
  return <EmptyState title="Nothing is found" hint={`No name or field has “${text}”.`} />;
}
