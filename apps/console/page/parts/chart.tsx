import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import classes from './chart.module.css';

export interface ChartLine {
  label: string;
  /** A token of styles.css: `var(--work)`. */
  colour: string;
  values: (number | null)[];
  dashed?: boolean;
  fill?: boolean;
}

interface Props {
  /** Epoch milliseconds. */
  at: number[];
  lines: ChartLine[];
  /** What it shows, for who does not see it. */
  label: string;
  format?: (value: number) => string;
  /** Shorter, where it stands beside the lines. */
  axisFormat?: (value: number) => string;
  height?: number;
}

/** Lines over time. Only its data changes while it stands: no layout work for each value. */
export function Chart({
  at,
  lines,
  label,
  format = String,
  axisFormat = format,
  height = 140,
}: Props) {
  const { ref, width } = useElementSize<HTMLElement>();
  const canvas = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme();
  const data = useMemo(
    () => [at.map((ms) => ms / 1_000), ...lines.map(({ values }) => values)] as uPlot.AlignedData,
    [at, lines],
  );
  const look = lines.map(({ label: name, colour, dashed, fill }) => [name, colour, dashed, fill]);
  const shape = JSON.stringify([look, height, scheme]);
  const latest = useRef({ data, lines, axisFormat });
  useEffect(() => {
    latest.current = { data, lines, axisFormat };
    plot.current?.setData(data);
  }, [data, lines, axisFormat]);
  useEffect(() => {
    const element = canvas.current;
    if (!element || width === 0) return;
    const { current: now } = latest;
    const made = new uPlot(optionsOf(now.lines, now.axisFormat, width, height), now.data, element);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, width, height]);
  return (
    <figure ref={ref} className={classes.figure} aria-label={label}>
      <div ref={canvas} className={classes.plot} style={{ height }} aria-hidden />
      <figcaption className={classes.legend}>
        {lines.map(({ label: name, colour, values }) => (
          <span key={name}>
            <i style={{ background: colour }} aria-hidden /> {name} {lastOf(values, format)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function lastOf(values: (number | null)[], format: (value: number) => string): string {
  const last = values.at(-1);
  return last === null || last === undefined ? '' : format(last);
}

function optionsOf(
  lines: ChartLine[],
  format: (value: number) => string,
  width: number,
  height: number,
): uPlot.Options {
  const axis = {
    stroke: resolved('var(--muted)'),
    font: '11px sans-serif',
    ticks: { show: false },
  };
  const grid = { stroke: resolved('var(--line)'), width: 1 };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    scales: {
      x: { range: atLeastAMinute },
      y: { range: (_, min, max) => [Math.min(0, min * 1.1), Math.max(1, max * 1.1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 22, space: 70, values: clock },
      { ...axis, grid, size: 48, space: 32, values: (_, splits) => splits.map(format).map(once) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, dashed, fill }) => ({
        label,
        stroke: resolved(colour),
        width: 1.5,
        points: { show: false },
        ...(dashed && { dash: [4, 4] }),
        ...(fill && { fill: `color-mix(in srgb, ${resolved(colour)} 12%, transparent)` }),
      })),
    ],
  };
}

/** Of labels that are the same when they are rounded, the first. */
function once(label: string, at: number, all: string[]): string {
  return label === all[at - 1] ? '' : label;
}

/** What was seen for a moment does not fill the chart. */
function atLeastAMinute(_: uPlot, min: number, max: number): [number, number] {
  return [Math.min(min, max - 60), max];
}

/** As long as the axis is, by the day, the minute or the second. */
function clock(_: uPlot, splits: number[]): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  const form = step >= 86_400 ? days : step >= 60 || step === 0 ? minutes : seconds;
  return splits.map((at) => form.format(at * 1_000));
}

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** A canvas knows no variables of CSS. */
function resolved(colour: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
  if (!name) return colour;
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
