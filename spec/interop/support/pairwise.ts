// Combinations in which each pair of values of any two parameters occurs, in few rows: the greedy way.

type Parameters = Readonly<Record<string, readonly (string | number | boolean)[]>>;
export type Row<P extends Parameters> = { readonly [N in keyof P]: P[N][number] };

/** @param least rows at least: further ones repeat pairs. */
export function pairwise<P extends Parameters>(parameters: P, least = 0): Row<P>[] {
  const names = Object.keys(parameters);
  const open = new Set<string>();
  const key = (a: number, i: number, b: number, j: number): string => `${a}.${i}-${b}.${j}`;
  for (let a = 0; a < names.length; a++) {
    for (let b = a + 1; b < names.length; b++) {
      parameters[names[a]!]!.forEach((_, i) => {
        for (let j = 0; j < parameters[names[b]!]!.length; j++) open.add(key(a, i, b, j));
      });
    }
  }
  const rows: number[][] = [];
  while (open.size > 0 || rows.length < least) {
    const row: number[] = [];
    for (let a = 0; a < names.length; a++) {
      const values = parameters[names[a]!]!;
      // The value that closes most pairs with those before it; and, where it is the first, one with open pairs.
      const gain = values.map((_, i) => {
        const before = row.reduce((sum, j, b) => sum + (open.has(key(b, j, a, i)) ? 1 : 0), 0);
        const later = [...open].filter((pair) => pair.startsWith(`${a}.${i}-`)).length;
        return before * 1000 + later;
      });
      const best = Math.max(...gain);
      const choices = gain.flatMap((one, i) => (one === best ? [i] : []));
      row.push(choices[rows.length % choices.length]!);
    }
    for (let a = 0; a < row.length; a++)
      for (let b = a + 1; b < row.length; b++) open.delete(key(a, row[a]!, b, row[b]!));
    rows.push(row);
  }
  return rows.map((row) => Object.fromEntries(names.map((name, a) => [name, parameters[name]![row[a]!]!])) as Row<P>);
}
