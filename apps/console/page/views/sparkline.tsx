import { sparklinePath } from './sparkline-path';

interface Props {
  values: number[];
  /** What it shows, for who does not see it. */
  label: string;
  width?: number;
  height?: number;
  colour?: string;
}

/** A line without axes, beside the number that it led to. */
export function Sparkline({ values, label, width = 96, height = 20, colour }: Props) {
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path
        d={sparklinePath(values, width, height)}
        fill="none"
        stroke={colour ?? 'var(--muted)'}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** Counts of equal spans of time as bars: an empty span is a dot of the line they stand on. */
export function Bars({ values, label, width = 96, height = 20, colour }: Props) {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {values.map((value, at) => {
        const tall = value === 0 ? 1 : Math.max(3, (value / most) * height);
        return (
          <rect
            key={at}
            x={at * step}
            y={height - tall}
            width={Math.max(1, step - 1)}
            height={tall}
            fill={value === 0 ? 'var(--line-strong)' : (colour ?? 'var(--muted)')}
          />
        );
      })}
    </svg>
  );
}
