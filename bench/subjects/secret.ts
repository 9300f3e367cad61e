/** Signs, or seals, the cookies of the measured servers. */
export const SECRET = 'a secret of the benchmark, of more than 32 characters';
