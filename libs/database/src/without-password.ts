/** A URL, or what was meant as one, as it may be shown: its password may be anywhere in it. */
export function withoutPassword(url: string): string {
  return url
    .replace(/(:\/\/[^:/@]*):.*@/, '$1:***@')
    .replace(/:\/\/[^:/@]*@/, '://***@')
    .replace(/(:\/\/[^:/@[]*):(?!\d*(?:[/?#]|$))[^@]*$/, '$1:***')
    .replace(/([?&]\w*password=)[^&]*/gi, '$1***');
}
