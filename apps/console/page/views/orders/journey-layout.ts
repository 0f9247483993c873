import type { Hop } from '../../../src/api/journey';

/** Where everything of a journey stands: lanes side by side, time downward on an adapted scale. */
export interface Layout {
  lanes: Lane[];
  chips: Chip[];
  lines: Line[];
  /** Long waits, told at the side. */
  gaps: { y: number; ms: number }[];
  width: number;
  height: number;
}

export interface Lane {
  service: string;
  x: number;
  width: number;
}

/** Something that a service did: an HTTP request, a message that it handled. */
export interface Chip {
  hop: Hop;
  x: number;
  y: number;
  width: number;
  height: number;
  /** From where it waited, or since its cause was recorded; and until when it worked. */
  waitedFromY: number;
  workedToY: number;
}

export interface Line {
  id: string;
  kind: 'message' | 'retry';
  hop: Hop;
  from: { x: number; y: number };
  to: { x: number; y: number };
  /** Both ends in one lane: it bends out and back. */
  loop: boolean;
  /** Of a retry: the tier in which it waits. */
  label?: string;
}

const gutter = 52;
/** Room for what bends out of the last lane. */
const margin = 22;
const lanePadding = 7;
const chipGap = 10;
/** A wait that is worth a word. */
const gapMs = 400;
/** The order in which a sale meets them, so that lanes keep their places. */
const usual = ['orders', 'users', 'financial', 'payments', 'log-sink'];

interface Event {
  at: number;
  kind: 'sent' | 'start' | 'end';
  hop: Hop;
}

export function layOut(hops: readonly Hop[], width: number, laneMin = 138): Layout {
  const lanes = lanesOf(hops, width, laneMin);
  const { chips, heights, gaps, height } = place(hops, lanes);
  const lines = linesOf(hops, chips, lanes, heights);
  const last = lanes.at(-1);
  return { lanes, chips, lines, gaps, width: last ? last.x + last.width + margin : width, height };
}

function lanesOf(hops: readonly Hop[], width: number, laneMin: number): Lane[] {
  const services = [...new Set(hops.map(({ service }) => service))];
  const rank = (service: string) =>
    (usual.indexOf(service) + usual.length + 1) % (usual.length + 1);
  services.sort((a, b) => rank(a) - rank(b));
  const each = Math.max(laneMin, (width - gutter - margin) / Math.max(1, services.length));
  return services.map((service, index) => ({ service, x: gutter + index * each, width: each }));
}

/** Milliseconds as pixels, by their magnitude: 5 ms and 5 s are both seen, and both fit. */
function pixelsOf(ms: number): number {
  return ms <= 0 ? 0 : Math.min(72, 4 + 12 * Math.log10(1 + ms));
}

function heightOf(hop: Hop): number {
  const more = [hop.note ?? hop.error?.code, hop.money, hop.dueAt].filter(Boolean).length;
  return 44 + more * 16;
}

/** One pass through time: each event below the one before, each chip below those of its lane. */
function place(hops: readonly Hop[], lanes: Lane[]) {
  const chips = new Map<string, Chip>();
  const heights = new Map<string, number>();
  const gaps: Layout['gaps'] = [];
  const free = new Map<string, number>();
  let y = 8;
  let before: number | undefined;
  for (const { at, kind, hop } of eventsOf(hops)) {
    const passed = before === undefined ? 0 : at - before;
    if (passed >= gapMs) gaps.push({ y: y + pixelsOf(passed) / 2, ms: passed });
    y += pixelsOf(passed);
    before = at;
    const lane = lanes.find(({ service }) => service === hop.service);
    if (kind === 'sent') heights.set(hop.id, y);
    if (kind === 'start' && lane) {
      y = Math.max(y, free.get(hop.service) ?? 0);
      const chip = chipOf(hop, lane, y);
      chips.set(hop.id, chip);
      free.set(hop.service, y + chip.height + chipGap);
    }
    const chip = kind === 'end' ? chips.get(hop.id) : undefined;
    if (chip) chip.workedToY = y;
  }
  const placed = [...chips.values()];
  const worked = new Map<string, number>();
  for (const chip of placed) {
    // The spans of a lane stand below each other, even where its work overlapped.
    const above = worked.get(chip.hop.service) ?? 0;
    chip.waitedFromY = Math.max(above, waitedFrom(chip, { hops, heights, chips }));
    worked.set(chip.hop.service, Math.max(above, chip.workedToY, chip.y + 3));
  }
  const bottoms = placed.map((chip) => Math.max(chip.y + chip.height, chip.workedToY));
  return { chips: placed, heights, gaps, height: Math.max(y, ...bottoms, 0) + 24 };
}

function eventsOf(hops: readonly Hop[]): Event[] {
  const events = hops.flatMap((hop): Event[] =>
    hop.kind === 'sent'
      ? [{ at: hop.at, kind: 'sent', hop }]
      : [
          { at: hop.at, kind: 'start', hop },
          { at: hop.at + hop.tookMs, kind: 'end', hop },
        ],
  );
  return events.sort((a, b) => a.at - b.at);
}

function chipOf(hop: Hop, lane: Lane, y: number): Chip {
  const width = lane.width - 2 * lanePadding - 8;
  const x = lane.x + lanePadding + 8;
  return { hop, x, y, width, height: heightOf(hop), waitedFromY: y, workedToY: y };
}

interface Placed {
  hops: readonly Hop[];
  /** Where messages were sent. */
  heights: Map<string, number>;
  chips: Map<string, Chip>;
}

/** A try waits since its message was sent, or since the try before it. */
function waitedFrom({ hop, y }: Chip, { hops, heights, chips }: Placed): number {
  const ms = hop.since?.ms ?? hop.waitedMs;
  if (hop.kind !== 'handled' || !ms) return y;
  const sent = (hop.attempt ?? 1) === 1 ? senderOf(hop, hops) : undefined;
  const sentY = sent && heights.get(sent.id);
  const causeY = hop.since && chips.get(hop.cause ?? '')?.y;
  return Math.min(y, sentY ?? causeY ?? y - pixelsOf(ms));
}

/** Where its message was sent: by the message's id, or as records join them. */
function senderOf({ messageId, cause }: Hop, hops: readonly Hop[]): Hop | undefined {
  const sent = hops.filter(({ kind }) => kind === 'sent');
  const byId = sent.find((each) => messageId !== undefined && each.messageId === messageId);
  return byId ?? sent.find(({ id }) => id === cause);
}

function linesOf(
  hops: readonly Hop[],
  chips: readonly Chip[],
  lanes: Lane[],
  heights: Map<string, number>,
): Line[] {
  return chips.flatMap((chip): Line[] => {
    const { hop } = chip;
    if (hop.kind !== 'handled') return [];
    const retried = triedBefore(chip, chips);
    if (retried) return [retryLine(retried, chip)];
    const sent = senderOf(hop, hops);
    const lane = sent && lanes.find(({ service }) => service === sent.service);
    const y = sent && heights.get(sent.id);
    return lane && y !== undefined ? [messageLine(chip, lane, y)] : [];
  });
}

/** The last try of the same message that failed. */
function triedBefore({ hop, y }: Chip, chips: readonly Chip[]): Chip | undefined {
  return chips
    .filter((each) => each.hop.id === hop.cause || isOfSameMessage(each.hop, hop))
    .filter((each) => each.y < y && each.hop.outcome === 'retried')
    .sort((a, b) => a.y - b.y)
    .at(-1);
}

function isOfSameMessage(one: Hop, { messageId, queue }: Hop): boolean {
  return messageId !== undefined && one.messageId === messageId && one.queue === queue;
}

function retryLine(from: Chip, to: Chip): Line {
  const x = from.x + 16;
  return {
    id: `retry ${to.hop.id}`,
    kind: 'retry',
    hop: to.hop,
    from: { x, y: from.y + from.height },
    to: { x, y: to.y },
    loop: false,
    label: from.hop.retryTier,
  };
}

function messageLine(chip: Chip, lane: Lane, y: number): Line {
  const middle = chip.y + 14;
  const line = { id: `message ${chip.hop.id}`, kind: 'message' as const, hop: chip.hop };
  const right = lane.x + lane.width - lanePadding + 7;
  if (lane.x + lane.width <= chip.x) {
    return { ...line, from: { x: right, y }, to: { x: chip.x - 8, y: middle }, loop: false };
  }
  const chipRight = chip.x + chip.width;
  const own = lane.x < chip.x && chip.x < lane.x + lane.width;
  const from = { x: own ? right : lane.x + lanePadding - 7, y };
  return { ...line, from, to: { x: chipRight, y: middle }, loop: own };
}
