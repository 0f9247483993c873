let beganMs = performance.now();

export function begin(): void {
  beganMs = performance.now();
}

/** Since `begin`: `8.4 s`. */
export function elapsed(): string {
  return `${((performance.now() - beganMs) / 1000).toFixed(1)} s`;
}
