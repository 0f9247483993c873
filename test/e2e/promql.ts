/** The metrics of a PromQL expression, and the labels that it names; for what our files say. */
export function namesIn(expression: string): { metrics: string[]; labels: string[] } {
  const labels: string[] = [];
  const noted = (text: string, pattern: RegExp): void => {
    for (const [, name = ''] of text.matchAll(pattern)) labels.push(name);
  };
  const rest = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\{([^}]*)\}/g, (_, matchers: string) => {
      noted(matchers, /(\w+)\s*(?:=~|!~|!=|=)/g);
      return '';
    })
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, names: string) => {
      noted(names, /(\w+)/g);
      return '';
    });
  const words = [...rest.matchAll(/\b([a-z_]\w*)\b(?!\s*\()/gi)].map(([, word = '']) => word);
  const metrics = words.filter((word) => !/^(or|and|unless|bool|offset)$/.test(word));
  return { metrics: [...new Set(metrics)], labels: [...new Set(labels)] };
}
