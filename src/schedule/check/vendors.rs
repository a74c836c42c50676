//! Vendors.

use std::collections::BTreeMap;

use crate::schedule::place::At;
use crate::schedule::read::VendorTable;
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

impl Checker<'_> {
    pub fn vendors(&mut self, tables: Declared<VendorTable>) -> BTreeMap<VendorId, Vendor> {
        let mut vendors = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            if self.names.people.contains(id.value.as_str()) {
                let message = format!("there is a person {:?}, too", id.value);
                self.notes
                    .error("vendor-is-person", id.place, message)
                    .remedy("messages go to one or the other by this name: give the vendor another");
            }
            let vendor = table.and_then(|table| self.vendor(&id, table));
            vendors.extend(vendor.map(|vendor| (VendorId::new(&id.value), vendor)));
        }
        vendors
    }

    fn vendor(&mut self, id: &At<String>, table: VendorTable) -> Option<Vendor> {
        let timezone = table.timezone.and_then(|zone| self.zones.find(&zone, &mut self.notes));
        let residency = table.residency.and_then(|name| self.names.residency(&name, &mut self.notes));
        let hours = table.business_hours.and_then(|name| self.names.business_hours(&name, &mut self.notes));
        let reply_within = table.reply_within.map(|node| self.waits(node)).unwrap_or_default();
        let warn_at = table.warn_at.map_or(defaults::WARN_AT.to_vec(), |written| self.warn_at(written.value));
        Some(Vendor {
            name: table.name.unwrap_or_else(|| id.value.clone()),
            channel: table.channel?,
            email: table.email.map(|email| email.value),
            phone: table.phone.map(|phone| phone.value),
            language: table.language,
            timezone,
            residency,
            business_hours: hours,
            reply_within,
            warn_at,
            contract: table.contract,
        })
    }
}
