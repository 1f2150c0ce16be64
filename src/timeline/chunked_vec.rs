/// A list that only grows, in chunks of a fixed length: growing copies
/// nothing, and never needs the memory of the list twice.
#[derive(Debug)]
pub(super) struct ChunkedVec<T>(Vec<Vec<T>>);

const BITS: u32 = 13;
const LENGTH: usize = 1 << BITS;

impl<T> ChunkedVec<T> {
    pub(super) fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * LENGTH + last.len())
    }

    #[inline(always)]
    pub(super) fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < last.capacity() => last.push(item),
            _ => self.push_beyond(item),
        }
    }

    #[inline(never)]
    fn push_beyond(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < LENGTH => last.push(item),
            Some(_) => {
                let mut chunk = Vec::with_capacity(LENGTH);
                chunk.push(item);
                self.0.push(chunk);
            }
            // A small home's list is small.
            None => self.0.push(vec![item]),
        }
    }

    pub(super) fn get(&self, place: u32) -> Option<&T> {
        let place = place as usize;
        self.0.get(place >> BITS)?.get(place & (LENGTH - 1))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    /// The items from `first` to before `end`, as they lie together.
    pub(super) fn slices(&self, first: u32, end: u32) -> impl Iterator<Item = &[T]> {
        let (mut first, end) = (first as usize, end as usize);
        std::iter::from_fn(move || {
            let chunk = self.0.get(first >> BITS).filter(|_| first < end)?;
            let begin = first & (LENGTH - 1);
            let length = (end - first).min(LENGTH - begin);
            first += length;
            chunk.get(begin..(begin + length).min(chunk.len()))
        })
    }
}

impl<T> Extend<T> for ChunkedVec<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> Default for ChunkedVec<T> {
    fn default() -> Self {
        ChunkedVec(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::{ChunkedVec, LENGTH};

    #[test]
    fn what_was_pushed_is_found_again() {
        let mut chunks = ChunkedVec::default();
        let count = u32::try_from(2 * LENGTH + 5).unwrap();
        for item in 0..count {
            chunks.push(item);
        }
        assert_eq!(chunks.len(), count as usize);
        assert!(chunks.iter().copied().eq(0..count));
        assert_eq!((chunks.get(count - 1), chunks.get(count)), (Some(&(count - 1)), None));
        for (first, end) in [(0, 0), (3, 8_192), (8_191, 8_193), (5, count), (count - 1, count)] {
            assert!(chunks.slices(first, end).flatten().copied().eq(first..end), "{first} {end}");
        }
    }
}
