import { Injectable } from '@nestjs/common';
import type { DeadLetterDetails, DeadLetterGroup } from '@tradepost/messaging';
import { invalidRequest } from '@tradepost/service';
import type { DeadLetter, DeadLetterOverview } from '../api/dead-letters';
import { pathWith } from '../upstream/query';
import { Services } from '../upstream/services';
import { deadLetterOf } from './letters';

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Where a page of all services' dead letters ended. */
interface Position {
  service: string;
  cursor: string | null;
}

/** The dead letters of all services, each of which has those of its own queues. */
@Injectable()
export class ReadDeadLetters {
  constructor(private readonly services: Services) {}

  /** By cause, the most recent first. */
  async overview(params: URLSearchParams): Promise<DeadLetterOverview> {
    const path = pathWith('/ops/dead-letters', params);
    const { answers, missing } = await this.services.askAll<{ items: DeadLetterGroup[] }>(path);
    const groups = answers.flatMap(({ name, answer }) =>
      answer.items.map((group) => ({ ...group, service: name })),
    );
    groups.sort((a, b) => (b.lastFailedAt ?? '').localeCompare(a.lastFailedAt ?? ''));
    return { total: groups.reduce((sum, { count }) => sum + count, 0), groups, missing };
  }

  /** One by one, service by service; the overview says which of them does not answer. */
  async page(params: URLSearchParams): Promise<Page<DeadLetter>> {
    const limit = limitOf(params.get('limit'));
    const from = positionOf(params.get('cursor'));
    const names = this.services.names.slice(
      Math.max(0, this.services.names.indexOf(from?.service ?? '')),
    );
    const items: DeadLetter[] = [];
    for (const service of names) {
      const left = limit - items.length;
      if (left === 0) return { items, nextCursor: cursorOf({ service, cursor: null }) };
      const cursor = service === from?.service ? from.cursor : null;
      const page = await this.pageOf(service, params, cursor, left);
      items.push(...page.items);
      if (page.nextCursor) {
        return { items, nextCursor: cursorOf({ service, cursor: page.nextCursor }) };
      }
    }
    return { items, nextCursor: null };
  }

  /** Those that are about an order or a payment, by its id in their bodies. */
  async about(id: string): Promise<{ items: DeadLetter[]; missing: string[] }> {
    const path = `/ops/dead-letters/messages?q=${encodeURIComponent(id)}&limit=100`;
    const { answers, missing } = await this.services.askAll<Page<DeadLetterDetails>>(path);
    const items = answers.flatMap(({ name, answer }) =>
      answer.items.map((details) => deadLetterOf(name, details)),
    );
    return { items, missing };
  }

  private async pageOf(
    service: string,
    params: URLSearchParams,
    cursor: string | null,
    limit: number,
  ): Promise<Page<DeadLetter>> {
    const own = new URLSearchParams(params);
    own.set('limit', String(limit));
    if (cursor === null) own.delete('cursor');
    else own.set('cursor', cursor);
    const path = pathWith('/ops/dead-letters/messages', own);
    try {
      const { items, nextCursor } = await this.services.ask<Page<DeadLetterDetails>>(service, path);
      return { items: items.map((details) => deadLetterOf(service, details)), nextCursor };
    } catch (error) {
      // What is wrong with the request is said; a service that is away has its own mark.
      if (isRefusal(error)) throw error;
      return { items: [], nextCursor: null };
    }
  }
}

function isRefusal(error: unknown): boolean {
  const { status } = (error as { details?: { status?: number } }).details ?? {};
  return status !== undefined && status >= 400 && status < 500 && status !== 404;
}

function limitOf(text: string | null): number {
  const limit = Number(text ?? 50);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 200) return limit;
  throw invalidRequest([{ pointer: '/limit', detail: 'must be 1 to 200' }]);
}

function cursorOf(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function positionOf(text: string | null): Position | undefined {
  if (text === null) return undefined;
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as Position;
    if (typeof value.service === 'string') return value;
  } catch {
    // It is none of ours.
  }
  throw invalidRequest([{ pointer: '/cursor', detail: 'must be a nextCursor' }]);
}
