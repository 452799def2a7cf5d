/** Runs before each test file, in its process. */
import { useSeed } from './property-seed.ts';

useSeed();
