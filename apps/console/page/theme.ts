import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from '@mantine/core';

/** The accent is ink: colour is left to patterns and states. */
const neutral: MantineColorsTuple = [
  '#f6f6f4',
  '#e8e8e6',
  '#d5d5d2',
  '#b9babb',
  '#8f9196',
  '#6d7077',
  '#54575d',
  '#3d4046',
  '#2a2c31',
  '#1b1c1e',
];

const dark: MantineColorsTuple = [
  '#e8e8e6',
  '#c8cacd',
  '#a3a6ac',
  '#757981',
  '#3a3d44',
  '#2c2f34',
  '#1c1e21',
  '#131416',
  '#0f1011',
  '#0a0b0c',
];

export const theme = createTheme({
  colors: { neutral, dark },
  primaryColor: 'neutral',
  primaryShade: { light: 9, dark: 1 },
  autoContrast: true,
  // The default takes the contrast of the light scheme's shade in both.
  variantColorResolver: (input) => ({
    ...defaultVariantColorsResolver(input),
    ...(input.variant === 'filled' &&
      (input.color ?? 'neutral') === 'neutral' && {
        color: 'var(--mantine-primary-color-contrast)',
      }),
  }),
  defaultRadius: 4,
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '14px', md: '16px', lg: '20px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '16px', lg: '24px', xl: '32px' },
  components: {
    Tooltip: { defaultProps: { openDelay: 250, multiline: true, maw: 360, withArrow: false } },
    Button: { defaultProps: { size: 'xs' } },
    // The page itself does not scroll, and locking it takes a style that the CSP refuses.
    Drawer: { defaultProps: { lockScroll: false, closeButtonProps: { 'aria-label': 'Close' } } },
    Modal: { defaultProps: { lockScroll: false, closeButtonProps: { 'aria-label': 'Close' } } },
  },
});
