/** Times travel as epoch seconds with milliseconds as the fraction. */
export const epochSeconds = (milliseconds: number): number => milliseconds / 1000;
