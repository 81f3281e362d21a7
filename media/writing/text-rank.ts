/**
 * TextRank (Mihalcea and Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004): sentences are the nodes of a graph,
 * similarity is the weight of its edges, and PageRank shows which sentences are supported by the others.
 */

const DAMPING = 0.85;
const ROUNDS = 50;
const ENOUGH = 1e-6;

/**
 * @param sentences the stems of each sentence's content words
 * @returns a score for each sentence; 1 on average, higher is more central
 */
export function rankSentences(sentences: readonly (readonly string[])[]): number[] {
  const edges = likenessEdges(sentences.map((stems) => [...new Set(stems)]));
  const totals = edges.map((row) => [...row.values()].reduce((sum, weight) => sum + weight, 0));
  let scores = sentences.map(() => 1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = edges.map((row) => {
      let support = 0;
      for (const [from, weight] of row) support += (weight / (totals[from] ?? 1)) * (scores[from] ?? 0);
      return 1 - DAMPING + DAMPING * support;
    });
    const change = Math.max(0, ...next.map((score, index) => Math.abs(score - (scores[index] ?? 0))));
    scores = next;
    if (change < ENOUGH) break;
  }
  return scores;
}

/** Similarity as in the paper: common words divided by the sum of the logarithms of both lengths. */
function likenessEdges(sentences: readonly (readonly string[])[]): Map<number, number>[] {
  const where = new Map<string, number[]>();
  for (const [index, stems] of sentences.entries()) {
    for (const stem of stems) {
      const list = where.get(stem);
      if (list) list.push(index);
      else where.set(stem, [index]);
    }
  }
  return sentences.map((stems, index) => {
    const common = new Map<number, number>();
    for (const stem of stems) {
      for (const other of where.get(stem) ?? [])
        if (other !== index) common.set(other, (common.get(other) ?? 0) + 1);
    }
    for (const [other, count] of common) {
      const norm = Math.log(stems.length) + Math.log(sentences[other]?.length ?? 1);
      common.set(other, count / Math.max(norm, Math.LN2));
    }
    return common;
  });
}
